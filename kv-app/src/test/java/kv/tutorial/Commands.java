package kv.tutorial;

import kv.Bucket;
import kv.server.Request;

/// Runs the requests of the guide's protocol on named buckets.
final class Commands {

    private Commands() {}

    static String answer(String line) {
        return switch (Request.parse(line)) {
            case Request.Create(String bucket) -> {
                NamedBuckets.create(bucket);
                yield "OK";
            }
            case Request.Put(String bucket, String key, String value) ->
                    NamedBuckets.lookup(bucket)
                            .map(found -> {
                                Bucket.put(found, key, value);
                                return "OK";
                            })
                            .orElse("NOT FOUND");
            case Request.Get(String bucket, String key) ->
                    NamedBuckets.lookup(bucket)
                            .map(found -> Bucket.get(found, key).orElse("") + "\r\nOK")
                            .orElse("NOT FOUND");
            case Request.Delete(String bucket, String key) ->
                    NamedBuckets.lookup(bucket)
                            .map(found -> {
                                Bucket.delete(found, key);
                                return "OK";
                            })
                            .orElse("NOT FOUND");
            default -> "UNKNOWN COMMAND";
        };
    }
}
