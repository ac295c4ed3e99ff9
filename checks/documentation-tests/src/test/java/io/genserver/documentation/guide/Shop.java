package io.genserver.documentation.guide;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.util.List;

final class Shop implements Application {

    static final Setting<Integer> PORT = Setting.of("shop.port", Integer::valueOf, 8080);

    @Override
    public String name() {
        return "shop";
    }

    @Override
    public Start<?> start(Configuration configuration) {
        int port = configuration.get(PORT);
        return Supervisor.startLink(
                List.of(
                        Limiter.CUSTOMERS.childSpec(),
                        ChildSpec.worker(Web.class, () -> Web.startLink(port))),
                SupervisorFlags.of(Strategy.REST_FOR_ONE));
    }

    public static void main(String[] arguments) {
        System.exit(Application.run(new Shop(), Configuration.ofTheSystem()));
    }
}
