package io.genserver.benchmarks.savina;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// [SleepingBarber] with actors.
final class SleepingBarberActors {

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

    private record Returned(ActorRef<ToCustomer> customer) implements ToStreet {}

    private record Served() implements ToStreet {}

    private record Enter(ActorRef<ToCustomer> customer) implements ToRoom {}

    private record Next() implements ToRoom {}

    private record Cut(ActorRef<ToCustomer> customer, ActorRef<ToRoom> room) implements ToBarber {}

    private record Sleep() implements ToBarber {}

    private record Stop(long heads) implements ToRoom, ToBarber {}

    private static final Next NEXT = new Next();

    private SleepingBarberActors() {}

    static Behavior<SleepingBarber.Outcome> starter(Consumer<SleepingBarber.Outcome> done) {
        return Behaviors.setup(context -> {
            Barber cutting = new Barber(context.getSelf());
            ActorRef<ToBarber> barber =
                    context.spawnAnonymous(Behaviors.receiveMessage(cutting::handle));
            ActorRef<ToRoom> room =
                    context.spawnAnonymous(
                            Behaviors.setup(self ->
                                    Behaviors.receiveMessage(
                                            new Room(self.getSelf(), barber)::handle)));
            ActorRef<ToStreet> street =
                    context.spawnAnonymous(
                            Behaviors.setup(self ->
                                    Behaviors.receiveMessage(new Street(self, room)::handle)));
            street.tell(new Open());
            return Starter.first(done);
        });
    }

    private static final class Street {
        private final ActorContext<ToStreet> context;
        private final ActorRef<ToRoom> room;
        private final SleepingBarber.Labour labour = SleepingBarber.Labour.ofTheStreet();
        private int left = SleepingBarber.HAIRCUTS;

        Street(ActorContext<ToStreet> context, ActorRef<ToRoom> room) {
            this.context = context;
            this.room = room;
        }

        Behavior<ToStreet> handle(ToStreet message) {
            switch (message) {
                case Open() -> open();
                case Returned(ActorRef<ToCustomer> customer) -> room.tell(new Enter(customer));
                case Served() -> {
                    if (--left == 0) {
                        room.tell(new Stop(labour.heads()));
                        return Behaviors.stopped();
                    }
                }
            }
            return Behaviors.same();
        }

        private void open() {
            ActorRef<ToStreet> street = context.getSelf();
            for (int i = 0; i < SleepingBarber.HAIRCUTS; i++) {
                ActorRef<ToCustomer> customer =
                        context.spawnAnonymous(
                                Behaviors.setup(self ->
                                        Behaviors.receiveMessage(
                                                new Customer(self.getSelf(), street)::handle)));
                room.tell(new Enter(customer));
                labour.work();
            }
        }
    }

    private record Customer(ActorRef<ToCustomer> self, ActorRef<ToStreet> street) {

        Behavior<ToCustomer> handle(ToCustomer message) {
            return switch (message) {
                case FULL -> {
                    street.tell(new Returned(self));
                    yield Behaviors.same();
                }
                case WAIT, START -> Behaviors.same();
                case DONE -> {
                    street.tell(new Served());
                    yield Behaviors.stopped();
                }
            };
        }
    }

    private static final class Room {
        private final ActorRef<ToRoom> self;
        private final ActorRef<ToBarber> barber;
        private final Deque<ActorRef<ToCustomer>> waiting = new ArrayDeque<>();
        private boolean asleep = true;

        Room(ActorRef<ToRoom> self, ActorRef<ToBarber> barber) {
            this.self = self;
            this.barber = barber;
        }

        Behavior<ToRoom> handle(ToRoom message) {
            switch (message) {
                case Enter(ActorRef<ToCustomer> customer) -> enter(customer);
                case Next() -> next();
                case Stop stop -> {
                    barber.tell(stop);
                    return Behaviors.stopped();
                }
            }
            return Behaviors.same();
        }

        private void enter(ActorRef<ToCustomer> customer) {
            if (waiting.size() == SleepingBarber.ROOM) {
                customer.tell(ToCustomer.FULL);
                return;
            }
            waiting.add(customer);
            if (asleep) {
                asleep = false;
                self.tell(NEXT);
            } else {
                customer.tell(ToCustomer.WAIT);
            }
        }

        private void next() {
            ActorRef<ToCustomer> customer = waiting.poll();
            asleep = customer == null;
            barber.tell(customer == null ? new Sleep() : new Cut(customer, self));
        }
    }

    private static final class Barber {
        private final ActorRef<SleepingBarber.Outcome> starter;
        private final SleepingBarber.Labour labour = SleepingBarber.Labour.ofTheBarber();

        Barber(ActorRef<SleepingBarber.Outcome> starter) {
            this.starter = starter;
        }

        Behavior<ToBarber> handle(ToBarber message) {
            return switch (message) {
                case Cut(ActorRef<ToCustomer> customer, ActorRef<ToRoom> room) -> {
                    customer.tell(ToCustomer.START);
                    labour.work();
                    customer.tell(ToCustomer.DONE);
                    room.tell(NEXT);
                    yield Behaviors.same();
                }
                case Sleep() -> Behaviors.same();
                case Stop(long heads) -> {
                    starter.tell(labour.and(heads));
                    yield Behaviors.stopped();
                }
            };
        }
    }
}
