"""Pure decisions of issuing: register lines, vehicle classes, customers, businesses."""
