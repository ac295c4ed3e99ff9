package orders;

import io.genserver.CallException;
import io.genserver.GenServer;
import io.genserver.supervisor.KeyedSupervisor;
import java.time.Duration;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The orders over HTTP. Each request calls the process of its order and waits for the reply.
@RestController
@RequestMapping("/orders/{id}/payment")
class OrderController {

    private final KeyedSupervisor<String, OrderProcess> orders;

    OrderController(KeyedSupervisor<String, OrderProcess> orders) {
        this.orders = orders;
    }

    @PutMapping
    Receipt pay(@PathVariable String id, @RequestParam long cents) {
        return GenServer.call(
                orders.server(id), new OrderProcess.Pay(cents), Duration.ofSeconds(15));
    }

    @GetMapping
    ResponseEntity<Receipt> payment(@PathVariable String id) {
        return ResponseEntity.of(GenServer.call(orders.server(id), new OrderProcess.Payment()));
    }

    /// The process of the order has crashed, or did not answer in time.
    @ExceptionHandler
    ResponseEntity<String> failed(CallException failed) {
        return ResponseEntity.status(503).body("try again: " + failed.serverReason());
    }
}
