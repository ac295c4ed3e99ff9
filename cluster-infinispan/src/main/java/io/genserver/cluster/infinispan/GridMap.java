package io.genserver.cluster.infinispan;

import io.genserver.cluster.ReplicatedMap;
import io.genserver.cluster.ReplicationException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.infinispan.AdvancedCache;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A map, as its writer uses it. In the cache it is a [Claim], pages with the keys, and a value for
/// each key. Each step uses only the nodes that keep this map, so it works if some others are lost.
///
/// ## Why a writer that was replaced does no harm
///
/// A value has two places, and the page says which one holds. A write stores the value in the other
/// place, and then a page that leads there. A writer that opens the map first replaces the claim,
/// then stores each page anew, and then loads what the pages lead to. A page is stored only if the
/// cache still has what the writer knows. Before a writer stores a page anew, it reads the page and
/// then the claim, so it replaces no page of a writer after it.
///
/// So a writer that was replaced cannot store a page any longer. If it has stored one, the next
/// writer has loaded it. What it would store in the place of a value fails if there is something,
/// because it then reads the claim. So it changes nothing that the map consists of.
///
/// ## Why a late write brings nothing back
///
/// A write may arrive late, because its node was paused or cut off, or because Infinispan repeats
/// it. Claims, pages and values never have the same content twice, and each is stored only if the
/// cache has what its writer knows. So a late claim, a late page, and a late value in a place that
/// a page leads to fail. A late value in another place is seen by nobody, and is replaced when that
/// place is needed.
final class GridMap implements ReplicatedMap {

    private static final Logger LOG = LoggerFactory.getLogger(Grid.class);

    /// The number of the writer, and a number of the write.
    private static final int PREFIX = 2 * Long.BYTES;

    private final Grid grid;
    private final String name;
    private Claim claim;

    /// What this writer has loaded and written. A value is [#PREFIX] and then the bytes of the
    /// user.
    private final Map<String, byte[]> known = new HashMap<>();

    private final List<KeyPage> pages = new ArrayList<>();
    private final Map<String, KeyPage> pageOf = new HashMap<>();

    /// How many of the first pages had no room for a key when they were last looked at, so that a
    /// new key does not look at all pages of a large map.
    private int fullPages;

    private long writes;
    private boolean isUsable = true;

    private GridMap(Grid grid, String name, Claim claim) {
        this.grid = grid;
        this.name = name;
        this.claim = claim;
    }

    /// Opens a map if there is one.
    static Optional<ReplicatedMap> open(Grid grid, String name) {
        return Grid.ask(
                "open the map " + name,
                () -> {
                    Claim before = Claim.find(grid.cache(), name);
                    return before == null || before.isDeleted()
                            ? Optional.empty()
                            : Optional.of(takeOver(grid, name, before));
                });
    }

    /// Opens a map, which is created if there is none.
    static ReplicatedMap create(Grid grid, String name) {
        return Grid.ask(
                "create the map " + name,
                () -> {
                    Claim before = Claim.find(grid.cache(), name);
                    if (before != null && !before.isDeleted()) {
                        return takeOver(grid, name, before);
                    }
                    Claim first = Claim.first();
                    if (!first.replace(grid.cache(), name, before)) {
                        throw opened(name);
                    }
                    return new GridMap(grid, name, first);
                });
    }

    private static GridMap takeOver(Grid grid, String name, Claim found) {
        Claim before = found;
        Claim mine = before.ofNextWriter();
        while (!mine.replace(grid.cache(), name, before)) {
            Claim now = Claim.find(grid.cache(), name);
            if (now == null || now.writer() != before.writer() || now.isDeleted()) {
                throw opened(name);
            }
            before = now; // the writer has added a page
            mine = before.ofNextWriter();
        }
        return load(grid, name, mine);
    }

    /// Loads a map for the writer with a claim.
    ///
    /// @throws ReplicationException if another writer has replaced the claim
    static GridMap load(Grid grid, String name, Claim claim) {
        GridMap map = new GridMap(grid, name, claim);
        for (int number = 0; number < claim.pages(); number++) {
            map.load(number);
        }
        return map;
    }

    private static ReplicationException opened(String name) {
        return new ReplicationException(
                "expected to be the only one that opens the map "
                        + name
                        + ", but another one has opened or deleted it at the same time");
    }

    private void load(int number) {
        KeyPage page = seal(number);
        pages.add(page);
        Set<byte[]> paths = Collections.newSetFromMap(new IdentityHashMap<>());
        for (String key : page.keys()) {
            pageOf.put(key, page);
            paths.add(path(page, key));
        }
        grid.cache().getAll(paths).forEach((path, value) -> known.put(GridKey.key(path), value));
    }

    /// Stores a page anew, so that no earlier writer can change it any longer.
    private KeyPage seal(int number) {
        while (true) {
            KeyPage page = new KeyPage(number, grid.cache().get(GridKey.ofPage(name, number)));
            // What is read before the claim is not of a later writer.
            if (!isWriter()) {
                throw opened(name);
            }
            if (store(page)) {
                return page;
            }
            // The writer before this one was faster.
        }
    }

    private boolean store(KeyPage page) {
        byte[] path = GridKey.ofPage(name, page.number());
        byte[] before = page.stored();
        byte[] after = page.encode(claim.writer());
        return before == null
                ? grid.cache().putIfAbsent(path, after) == null
                : grid.cache().replace(path, before, after);
    }

    private byte[] path(KeyPage page, String key) {
        return GridKey.ofValue(name, page.place(key), key);
    }

    @Override
    public byte @Nullable [] get(String key) {
        byte[] stored = known.get(key);
        return stored == null ? null : Arrays.copyOfRange(stored, PREFIX, stored.length);
    }

    @Override
    public Set<String> keys() {
        return Collections.unmodifiableSet(known.keySet());
    }

    @Override
    public void put(String key, byte[] value) {
        byte[] before = known.get(key);
        KeyPage page = pageOf.get(key);
        byte place = page == null ? GridKey.FIRST : GridKey.other(page.place(key));
        byte[] after =
                ByteBuffer.allocate(PREFIX + value.length)
                        .putLong(claim.writer())
                        .putLong(writes++)
                        .put(value)
                        .array();
        change(() ->
                storeUnlisted(GridKey.ofValue(name, place, key), after) && list(page, key, place));
        known.put(key, after);
        if (before != null) {
            removeLater(GridKey.ofValue(name, GridKey.other(place), key), before);
        }
    }

    /// Stores what no page or claim leads to yet, as far as this writer knows. An earlier or a late
    /// write may have left something there.
    ///
    /// @return false if another writer has opened the map
    private boolean storeUnlisted(byte[] path, byte[] value) {
        AdvancedCache<byte[], byte[]> cache = grid.cache();
        while (cache.putIfAbsent(path, value) != null) {
            byte[] left = cache.get(path);
            // What is read before the claim is not of a later writer.
            if (!isWriter()) {
                return false;
            }
            if (left != null && cache.replace(path, left, value)) {
                return true;
            }
            // What was left has just been removed, or replaced by a late write.
        }
        return true;
    }

    private boolean isWriter() {
        return claim.equals(Claim.find(grid.cache(), name));
    }

    /// Stores a page that leads to a value.
    ///
    /// @param page the page that has the key; null for a new key
    private boolean list(@Nullable KeyPage page, String key, byte place) {
        if (page == null) {
            return listNew(key, place);
        }
        page.put(key, place);
        return store(page);
    }

    private boolean listNew(String key, byte place) {
        for (; fullPages < pages.size(); fullPages++) {
            KeyPage page = pages.get(fullPages);
            if (page.hasRoomFor(key)) {
                pageOf.put(key, page);
                return list(page, key, place);
            }
        }
        KeyPage page = new KeyPage(pages.size(), null);
        page.put(key, place);
        pages.add(page);
        pageOf.put(key, page);
        byte[] path = GridKey.ofPage(name, page.number());
        if (!storeUnlisted(path, page.encode(claim.writer()))) {
            return false;
        }
        Claim before = claim;
        claim = before.withOneMorePage();
        return claim.replace(grid.cache(), name, before);
    }

    /// Removes a value that no page leads to any longer. Nobody has to wait for it, because nobody
    /// reads it.
    private void removeLater(byte[] path, byte[] value) {
        var _ =
                grid.cache()
                        .removeAsync(path, value)
                        .whenComplete((_, failed) -> {
                            if (failed != null) {
                                LOG.debug("an old value of the map {} stays", name, failed);
                            }
                        });
    }

    @Override
    public void remove(String key) {
        byte[] before = known.get(key);
        if (before == null) {
            return;
        }
        KeyPage page = Objects.requireNonNull(pageOf.get(key));
        byte[] path = path(page, key);
        change(() -> {
            page.remove(key);
            fullPages = Math.min(fullPages, page.number());
            return store(page);
        });
        known.remove(key);
        pageOf.remove(key);
        removeLater(path, before);
    }

    @Override
    public void delete() {
        change(() -> {
            // The claim is the first, because what is left without one belongs to no map.
            boolean isDeleted = claim.delete(grid.cache(), name);
            if (isDeleted) {
                known.forEach((key, value) ->
                        removeLater(path(Objects.requireNonNull(pageOf.get(key)), key), value));
                pages.forEach(page ->
                        removeLater(
                                GridKey.ofPage(name, page.number()),
                                Objects.requireNonNull(page.stored())));
            }
            return isDeleted;
        });
        isUsable = false;
    }

    private void change(BooleanSupplier change) {
        if (!isUsable) {
            throw new IllegalStateException(
                    "expected the map "
                            + name
                            + " to be in use, but it is deleted, or an earlier write has failed");
        }
        isUsable = false; // until the write has worked
        if (!Grid.ask("change the map " + name, change::getAsBoolean)) {
            throw new ReplicationException(
                    "expected to be the writer of the map "
                            + name
                            + ", but another one has opened it");
        }
        isUsable = true;
    }
}
