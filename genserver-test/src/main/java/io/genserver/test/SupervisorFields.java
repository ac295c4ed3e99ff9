package io.genserver.test;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/// Checks and sets the fields of type [TestSupervisor] of test classes.
final class SupervisorFields {

    private SupervisorFields() {}

    /// Returns the fields of a class and its superclasses.
    private static List<Field> of(Class<?> type) {
        List<Field> fields = new ArrayList<>(1);
        for (Class<?> declaring = type; declaring != null; declaring = declaring.getSuperclass()) {
            for (Field field : declaring.getDeclaredFields()) {
                if (field.getType() == TestSupervisor.class) {
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    /// Checks the fields of a class and of the classes whose instances enclose its instances.
    ///
    /// @throws ExtensionConfigurationException if a field is static or final
    static void check(Class<?> tests) {
        of(tests).forEach(SupervisorFields::check);
        if (tests.isMemberClass() && !Modifier.isStatic(tests.getModifiers())) {
            check(tests.getEnclosingClass());
        }
    }

    /// Sets the fields of an instance.
    ///
    /// @throws ExtensionConfigurationException if a field holds the supervisor of a running test,
    ///   or is not accessible
    static void set(Object instance, TestSupervisor supervisor) {
        of(instance.getClass()).forEach(field -> set(field, instance, supervisor));
    }

    private static void check(Field field) {
        int refused = field.getModifiers() & (Modifier.STATIC | Modifier.FINAL);
        if (refused != 0) {
            String modifiers = Modifier.toString(refused);
            throw new ExtensionConfigurationException(
                    "expected the field "
                            + name(field)
                            + " to be neither static nor final, because each test has a supervisor"
                            + " of its own, got: "
                            + modifiers
                            + "; remove "
                            + modifiers);
        }
    }

    private static void set(Field field, Object instance, TestSupervisor supervisor) {
        try {
            field.setAccessible(true);
            synchronized (instance) { // parallel tests share it with @TestInstance(PER_CLASS)
                Object before = field.get(instance);
                if (before instanceof TestSupervisor other && !other.hasEnded()) {
                    throw new ExtensionConfigurationException(
                            "expected the field "
                                    + name(field)
                                    + " to be free, got: the TestSupervisor of another running test"
                                    + " that shares the instance; take the TestSupervisor as a"
                                    + " parameter");
                }
                field.set(instance, supervisor);
            }
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            throw new ExtensionConfigurationException(
                    "expected to set the field "
                            + name(field)
                            + ", got: "
                            + e.getMessage()
                            + "; open its package to io.genserver.test",
                    e);
        }
    }

    private static String name(Field field) {
        return field.getDeclaringClass().getName() + "." + field.getName();
    }
}
