"""Who may, and why not: each rule returns whole reasons in Chinese, an empty list means yes."""
