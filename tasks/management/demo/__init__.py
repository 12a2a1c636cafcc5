"""The office that `load_demo` plays: invented people, two years of work, every act done by whose act it is."""
