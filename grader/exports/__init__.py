"""What goes back to a learning platform or a spreadsheet, one file a format."""
