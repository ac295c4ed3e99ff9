package shop;

/// Takes the customers' money. A company outside runs it, so it may be slow or down.
interface PaymentGateway {

    /// Reserves the price of an order on the customer's card, and waits for the answer. It is safe
    /// to repeat, because the gateway knows the order's id. A reservation that is never collected
    /// lapses, so a cancelled order needs no refund.
    Payment pay(Order order) throws Unavailable;

    /// The gateway's answer. A declined card is an answer and not a failure: nobody retries it.
    sealed interface Payment {
        record Accepted(String receipt) implements Payment {}

        record Declined(String reason) implements Payment {}
    }

    final class Unavailable extends Exception {
        private static final long serialVersionUID = 1L;

        Unavailable(String message) {
            super(message);
        }
    }
}
