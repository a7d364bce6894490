"""An agency's fillable forms, and how a case fills them."""
