"""What leaves the house: mails at a real server, QR codes through a real decoder, and the wording."""
