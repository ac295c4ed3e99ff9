package io.genserver;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks what may change or be removed in any version, because its shape is not settled. On a
/// package it covers all types of that package. On a type it covers all members of that type.
///
/// All other exported types and their public and protected members keep the promise in
/// `docs/compatibility.md`. The check of the API against the last release leaves out what has this
/// annotation.
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({
    ElementType.PACKAGE,
    ElementType.TYPE,
    ElementType.CONSTRUCTOR,
    ElementType.METHOD,
    ElementType.FIELD
})
public @interface Experimental {}
