package shop;

/// How far an order has come: placed → paid → shipped, or cancelled instead of shipped.
sealed interface Status {

    record Placed() implements Status {}

    record Paid(String receipt) implements Status {}

    record Shipped() implements Status {}

    record Cancelled(String reason) implements Status {}

    default boolean isFinal() {
        return switch (this) {
            case Placed _, Paid _ -> false;
            case Shipped _, Cancelled _ -> true;
        };
    }

    default String text() {
        return switch (this) {
            case Placed _ -> "placed";
            case Paid(String receipt) -> "paid, " + receipt;
            case Shipped _ -> "shipped";
            case Cancelled(String reason) -> "cancelled, " + reason;
        };
    }
}
