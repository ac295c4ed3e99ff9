package kv;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/// The version of this build.
public final class Version {

    private Version() {}

    /// Returns the version of this build, such as `0.1.0`.
    ///
    /// @return the version
    public static String ofThisBuild() {
        Properties properties = new Properties();
        try (InputStream stored = Version.class.getResourceAsStream("version.properties")) {
            if (stored == null) {
                throw new IllegalStateException("expected version.properties beside Version");
            }
            properties.load(stored);
        } catch (IOException e) {
            throw new IllegalStateException("expected to read version.properties", e);
        }
        return properties.getProperty("version");
    }
}
