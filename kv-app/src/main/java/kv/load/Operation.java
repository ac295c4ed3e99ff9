package kv.load;

/// What a request does.
enum Operation {
    GET,
    PUT,
    DELETE
}
