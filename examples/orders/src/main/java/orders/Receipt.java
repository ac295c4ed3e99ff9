package orders;

/// What the gateway says about a payment.
///
/// @param number the number of the payment
/// @param cents how much was paid
record Receipt(String number, long cents) {}
