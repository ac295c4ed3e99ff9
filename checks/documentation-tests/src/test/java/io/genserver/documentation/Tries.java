package io.genserver.documentation;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a test that tries commands of the documents.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Tries {

    /// The commands as the documents show them, without comments, each on one line.
    String[] value();
}
