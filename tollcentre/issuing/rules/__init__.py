"""Pure decisions of issuing: register lines, vehicle types, customers, businesses."""
