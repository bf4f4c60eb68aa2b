"""What leaves the house: mails, QR codes, and the wording of what core keeps as names."""
