package kv;

import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.Supervisor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Draws a supervision tree.
public final class Tree {

    private static final int MOST_CHILDREN = 100;

    private final Function<Pid, Optional<String>> names;
    private final boolean links;
    private final StringBuilder text = new StringBuilder();

    private Tree(Function<Pid, Optional<String>> names, boolean links) {
        this.names = names;
        this.links = links;
    }

    /// Draws the current tree. Of each supervisor it draws at most 100 children. Waits up to 5 s
    /// for each supervisor.
    ///
    /// @param supervisor the name of the root supervisor
    /// @param names finds the name to show for a process that has no registered name
    /// @return the lines of the drawing
    /// @throws io.genserver.CallException if a supervisor ends or does not answer in time
    public static String draw(String supervisor, Function<Pid, Optional<String>> names) {
        return new Tree(names, false).draw(supervisor);
    }

    /// Draws the current tree, and below each worker the processes that the worker is linked to,
    /// except its supervisor. In the plain tree these are the buckets below the registry.
    ///
    /// @param supervisor the name of the root supervisor
    /// @param names finds the name to show for a process that has no registered name
    /// @return the lines of the drawing
    /// @throws io.genserver.CallException if a supervisor ends or does not answer in time
    public static String drawWithLinks(String supervisor, Function<Pid, Optional<String>> names) {
        return new Tree(names, true).draw(supervisor);
    }

    private String draw(String supervisor) {
        Processes.whereis(supervisor).ifPresent(this::root);
        return text.isEmpty() ? "no tree: the supervisor is down" : text.toString();
    }

    private void root(Pid supervisor) {
        line("", supervisor);
        children("", supervisor);
    }

    private void children(String indent, Pid supervisor) {
        List<Child> children = oldestFirst(supervisor);
        int more = Math.max(0, children.size() - MOST_CHILDREN);
        for (int i = 0; i < children.size() - more; i++) {
            Child child = children.get(i);
            boolean last = i == children.size() - 1;
            String branch = indent + (last ? "└─ " : "├─ ");
            String below = indent + (last ? "   " : "│  ");
            Optional<Pid> pid = child.pid();
            if (pid.isEmpty()) {
                text.append('\n').append(branch).append(child.id());
                text.append(child.restarting() ? " restarting" : " not running");
            } else {
                text.append('\n');
                line(branch, pid.get());
                if (child.type() == ChildSpec.Type.SUPERVISOR) {
                    children(below, pid.get());
                } else if (links) {
                    linked(below, pid.get(), supervisor);
                }
            }
        }
        if (more > 0) {
            text.append('\n').append(indent).append("└─ and ").append(more).append(" more");
        }
    }

    private static List<Child> oldestFirst(Pid supervisor) {
        List<Child> children = Supervisor.whichChildren(supervisor);
        String dynamic = DynamicSupervisor.class.getName();
        boolean isDynamic =
                Processes.info(supervisor)
                        .filter(info -> info.initialCall().equals(dynamic))
                        .isPresent();
        return isDynamic ? children : children.reversed();
    }

    private void linked(String indent, Pid worker, Pid supervisor) {
        List<Pid> linked =
                new ArrayList<>(Processes.info(worker).map(ProcessInfo::links).orElse(List.of()));
        linked.remove(supervisor);
        for (int i = 0; i < linked.size(); i++) {
            text.append('\n');
            line(indent + (i == linked.size() - 1 ? "└─ " : "├─ "), linked.get(i));
        }
    }

    private void line(String branch, Pid pid) {
        text.append(branch);
        Processes.info(pid)
                .ifPresentOrElse(
                        info ->
                                text.append(name(info))
                                        .append(pid)
                                        .append(' ')
                                        .append(info.initialCall())
                                        .append(", mailbox ")
                                        .append(info.messageQueueLength()),
                        () -> text.append(pid).append(" has just ended"));
    }

    private String name(ProcessInfo info) {
        return info.registeredName()
                .or(() -> names.apply(info.pid()))
                .map(name -> new Name(name) + " ")
                .orElse("");
    }
}
