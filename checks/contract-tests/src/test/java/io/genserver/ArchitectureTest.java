package io.genserver;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// Checks that the dependencies between the modules go one way.
class ArchitectureTest {

    private static final JavaClasses PRODUCT =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.genserver");

    @Test
    void arrows_point_at_the_api() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("api")
                .definedBy("io.genserver", "io.genserver.spi")
                .layer("runtime")
                .definedBy("io.genserver.runtime")
                .layer("supervisor")
                .definedBy("io.genserver.supervisor")
                .layer("test")
                .definedBy("io.genserver.test")
                .whereLayer("runtime")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("test")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("supervisor")
                .mayOnlyBeAccessedByLayers("test")
                .whereLayer("api")
                .mayOnlyBeAccessedByLayers("runtime", "supervisor", "test")
                .check(PRODUCT);
    }

    @Test
    void the_runtime_shows_its_provider_only() {
        classes()
                .that()
                .resideInAPackage("io.genserver.runtime")
                .and()
                .areTopLevelClasses()
                .and()
                .doNotHaveSimpleName("LocalRuntime")
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .notBePublic()
                .check(PRODUCT);
    }

    @Test
    void time_is_read_through_one_seam() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.genserver.runtime.Clock$1")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(PRODUCT);
    }
}
