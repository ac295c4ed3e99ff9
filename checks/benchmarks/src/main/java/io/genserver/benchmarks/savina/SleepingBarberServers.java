package io.genserver.benchmarks.savina;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.ArrayDeque;
import java.util.Deque;

/// [SleepingBarber] with servers.
final class SleepingBarberServers {

    private sealed interface ToStreet {}

    private sealed interface ToRoom {}

    private sealed interface ToBarber {}

    private enum ToCustomer {
        FULL,
        WAIT,
        START,
        DONE
    }

    private record Open() implements ToStreet {}

    private record Returned(Pid customer) implements ToStreet {}

    private record Served() implements ToStreet {}

    private record Enter(Pid customer) implements ToRoom {}

    private record Next() implements ToRoom {}

    private record Cut(Pid customer, Pid room) implements ToBarber {}

    private record Sleep() implements ToBarber {}

    private record Stop(long heads) implements ToRoom, ToBarber {}

    private static final Next NEXT = new Next();

    private SleepingBarberServers() {}

    static SleepingBarber.Outcome run(StartOption... options) {
        Pid barber = GenServer.startLink(Barber::new, Processes.self(), options).pid();
        Pid room = GenServer.startLink(Room::new, barber, options).pid();
        Pid street = GenServer.startLink(() -> new Street(options), room, options).pid();
        GenServer.cast(street, new Open());
        return Processes.receive(SleepingBarber.Outcome.class);
    }

    private static final class Street implements GenServer<Pid, Street.People, Object, ToStreet> {

        static final class People {
            private final Pid room;
            private final SleepingBarber.Labour labour = SleepingBarber.Labour.ofTheStreet();
            private int left = SleepingBarber.HAIRCUTS;

            People(Pid room) {
                this.room = room;
            }
        }

        private final StartOption[] options;

        Street(StartOption... options) {
            this.options = options;
        }

        @Override
        public Init<People> init(Pid room) {
            return Init.ok(new People(room));
        }

        @Override
        public CastResult<People> handleCast(ToStreet message, People people) {
            switch (message) {
                case Open() -> open(people);
                case Returned(Pid customer) -> GenServer.cast(people.room, new Enter(customer));
                case Served() -> {
                    if (--people.left == 0) {
                        GenServer.cast(people.room, new Stop(people.labour.heads()));
                        return CastResult.stop(ExitReason.NORMAL, people);
                    }
                }
            }
            return CastResult.noreply(people);
        }

        private void open(People people) {
            for (int i = 0; i < SleepingBarber.HAIRCUTS; i++) {
                Pid customer = GenServer.startLink(Customer::new, Processes.self(), options).pid();
                GenServer.cast(people.room, new Enter(customer));
                people.labour.work();
            }
        }
    }

    private static final class Customer
            implements GenServer<Pid, Customer.Home, Object, ToCustomer> {

        record Home(Pid self, Pid street) {}

        @Override
        public Init<Home> init(Pid street) {
            return Init.ok(new Home(Processes.self(), street));
        }

        @Override
        public CastResult<Home> handleCast(ToCustomer message, Home home) {
            return switch (message) {
                case FULL -> {
                    GenServer.cast(home.street(), new Returned(home.self()));
                    yield CastResult.noreply(home);
                }
                case WAIT, START -> CastResult.noreply(home);
                case DONE -> {
                    GenServer.cast(home.street(), new Served());
                    yield CastResult.stop(ExitReason.NORMAL, home);
                }
            };
        }
    }

    private static final class Room implements GenServer<Pid, Room.Chairs, Object, ToRoom> {

        static final class Chairs {
            private final Pid self = Processes.self();
            private final Pid barber;
            private final Deque<Pid> waiting = new ArrayDeque<>();
            private boolean asleep = true;

            Chairs(Pid barber) {
                this.barber = barber;
            }
        }

        @Override
        public Init<Chairs> init(Pid barber) {
            return Init.ok(new Chairs(barber));
        }

        @Override
        public CastResult<Chairs> handleCast(ToRoom message, Chairs chairs) {
            switch (message) {
                case Enter(Pid customer) -> enter(customer, chairs);
                case Next() -> next(chairs);
                case Stop stop -> {
                    GenServer.cast(chairs.barber, stop);
                    return CastResult.stop(ExitReason.NORMAL, chairs);
                }
            }
            return CastResult.noreply(chairs);
        }

        private static void enter(Pid customer, Chairs chairs) {
            if (chairs.waiting.size() == SleepingBarber.ROOM) {
                GenServer.cast(customer, ToCustomer.FULL);
                return;
            }
            chairs.waiting.add(customer);
            if (chairs.asleep) {
                chairs.asleep = false;
                GenServer.cast(chairs.self, NEXT);
            } else {
                GenServer.cast(customer, ToCustomer.WAIT);
            }
        }

        private static void next(Chairs chairs) {
            Pid customer = chairs.waiting.poll();
            chairs.asleep = customer == null;
            GenServer.cast(
                    chairs.barber, customer == null ? new Sleep() : new Cut(customer, chairs.self));
        }
    }

    private static final class Barber implements GenServer<Pid, Barber.Shop, Object, ToBarber> {

        record Shop(Pid starter, SleepingBarber.Labour labour) {}

        @Override
        public Init<Shop> init(Pid starter) {
            return Init.ok(new Shop(starter, SleepingBarber.Labour.ofTheBarber()));
        }

        @Override
        public CastResult<Shop> handleCast(ToBarber message, Shop shop) {
            return switch (message) {
                case Cut(Pid customer, Pid room) -> {
                    GenServer.cast(customer, ToCustomer.START);
                    shop.labour().work();
                    GenServer.cast(customer, ToCustomer.DONE);
                    GenServer.cast(room, NEXT);
                    yield CastResult.noreply(shop);
                }
                case Sleep() -> CastResult.noreply(shop);
                case Stop(long heads) -> {
                    Processes.send(shop.starter(), shop.labour().and(heads));
                    yield CastResult.stop(ExitReason.NORMAL, shop);
                }
            };
        }
    }
}
