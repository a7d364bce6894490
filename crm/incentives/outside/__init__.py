"""What leaves the board: to the employer in the portal or by a link, and to the person who answers by theirs."""
