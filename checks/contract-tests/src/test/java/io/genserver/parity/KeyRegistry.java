package io.genserver.parity;

import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ViaRegistry;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A registry that is a map. It stands in for the `global` and `via` names of the original tests.
final class KeyRegistry implements ViaRegistry {

    private final ConcurrentHashMap<Object, Pid> pids = new ConcurrentHashMap<>();

    @Override
    public boolean registerName(Object key, Pid pid) {
        return pid.equals(
                pids.compute(
                        key,
                        (_, holder) -> holder != null && Processes.isAlive(holder) ? holder : pid));
    }

    @Override
    public void unregisterName(Object key) {
        pids.remove(key);
    }

    @Override
    public Optional<Pid> whereisName(Object key) {
        return Optional.ofNullable(pids.get(key)).filter(Processes::isAlive);
    }
}
