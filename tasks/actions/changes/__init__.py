"""变更申请: asked for by one, decided by another, applied whole or not at all."""
