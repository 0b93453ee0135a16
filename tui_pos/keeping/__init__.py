"""Safe keeping of the books: copies of them, proved when they are made, and the way back."""
