"""What would come of an edit: how a fork of a world goes on with it, against how it goes on without."""
