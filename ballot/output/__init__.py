"""What leaves on paper or screen: QR codes, printed slips and charts."""
