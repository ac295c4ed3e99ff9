package shop;

/// An order. Its id makes it safe to place it twice.
record Order(String id, String customer, String item, int quantity, Status status) {

    static Order of(String id, String customer, String item, int quantity) {
        return new Order(id, customer, item, quantity, new Status.Placed());
    }

    Order with(Status next) {
        return new Order(id, customer, item, quantity, next);
    }
}
