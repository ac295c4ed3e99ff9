package demo;

/// Thrown if a promise is broken.
final class Broken extends RuntimeException {

    private static final long serialVersionUID = 1;

    Broken(String message) {
        super(message);
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new Broken(otherwise);
        }
    }
}
