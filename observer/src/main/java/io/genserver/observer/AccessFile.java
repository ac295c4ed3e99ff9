package io.genserver.observer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/// The file by which programs of the same user find the observer.
record AccessFile(Optional<Path> file) {

    void write(String address, String key) throws IOException {
        if (file.isPresent()) {
            Path path = file.get().toAbsolutePath();
            Path folder = path.getParent();
            if (folder != null) {
                Files.createDirectories(folder, onlyOwner("rwx------"));
            }
            Files.deleteIfExists(path); // it may have other permissions
            Files.createFile(path, onlyOwner("rw-------"));
            Files.writeString(path, address + "\n" + key + "\n", StandardOpenOption.WRITE);
        }
    }

    /// On a system without POSIX permissions, the user's home is protected by other means.
    private static FileAttribute<?>[] onlyOwner(String permissions) {
        Set<String> views = FileSystems.getDefault().supportedFileAttributeViews();
        return views.contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    void delete() {
        try {
            if (file.isPresent()) {
                Files.deleteIfExists(file.get());
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
