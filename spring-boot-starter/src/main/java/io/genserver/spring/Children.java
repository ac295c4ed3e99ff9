package io.genserver.spring;

import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.ViaRegistry;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.supervisor.ProcessRegistry;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/// The children of the tree: the beans that they come from, and the processes that run as them. It
/// is the registry behind the [Server] beans. Its keys are the names of the beans.
final class Children implements ViaRegistry {

    private final Node node;
    private final ConfigurableListableBeanFactory beans;

    /// The process that was started last for each bean. Written by the supervisor, read by any
    /// thread.
    private final ConcurrentMap<String, Pid> processes = new ConcurrentHashMap<>();

    /// Who has the name that the child of a bean wanted. Written by the supervisor, read by the
    /// thread that starts the tree.
    private final ConcurrentMap<String, String> holders = new ConcurrentHashMap<>();

    Children(Node node, ConfigurableListableBeanFactory beans) {
        this.node = node;
        this.beans = beans;
    }

    /// Makes a bean of type [Server].
    ///
    /// @param bean the name of the `ChildSpec` bean
    Server<?> server(String bean) {
        return Server.of(ServerRef.via(this, bean));
    }

    // The beans

    /// Returns the children in the order of their start.
    ///
    /// @throws TreeStartException if two have the same id
    List<ChildBean> list() {
        Map<String, ChildSpec<?>> specs = specs();
        List<String> registered = Arrays.asList(beans.getBeanDefinitionNames());
        List<ChildBean> children =
                specs.entrySet().stream()
                        .map(entry -> new ChildBean(entry.getKey(), noted(entry)))
                        .sorted(
                                Comparator.comparingInt((ChildBean child) -> order(child.bean()))
                                        .thenComparingInt(
                                                child -> registered.indexOf(child.bean())))
                        .toList();
        checkIds(children);
        return children;
    }

    private Map<String, ChildSpec<?>> specs() {
        Map<String, ChildSpec<?>> specs = new HashMap<>();
        beans.getBeansOfType(ChildSpec.class, false, true).forEach(specs::put);
        List<Object> ids = specs.values().stream().<Object>map(ChildSpec::id).toList();
        Map<String, ChildSpec<?>> others = new HashMap<>();
        beans.getBeansOfType(KeyedSupervisor.class, false, true)
                .forEach((bean, keyed) -> others.put(bean, keyed.childSpec()));
        beans.getBeansOfType(ProcessRegistry.class, false, true)
                .forEach((bean, registry) -> others.put(bean, registry.childSpec()));
        others.values().removeIf(other -> ids.contains(other.id()));
        specs.putAll(others);
        return specs;
    }

    private int order(String bean) {
        Object registered =
                beans.containsBeanDefinition(bean)
                        ? beans.getMergedBeanDefinition(bean)
                                .getAttribute(AbstractBeanDefinition.ORDER_ATTRIBUTE)
                        : null;
        if (registered instanceof Integer order) {
            return order;
        }
        Order annotation = beans.findAnnotationOnBean(bean, Order.class);
        return annotation == null ? Ordered.LOWEST_PRECEDENCE : annotation.value();
    }

    private void checkIds(List<ChildBean> children) {
        Map<Object, String> known = new HashMap<>();
        for (ChildBean child : children) {
            String other = known.put(child.spec().id(), child.bean());
            if (other != null) {
                throw TreeStartException.sameId(
                        describe(other), describe(child.bean()), child.spec().id());
            }
        }
    }

    /// Returns the name of a bean and where it is defined.
    String describe(String bean) {
        String place =
                beans.containsBeanDefinition(bean)
                        ? beans.getBeanDefinition(bean).getResourceDescription()
                        : null;
        return "'" + bean + "'" + (place == null ? "" : " (" + place + ")");
    }

    // The processes

    private ChildSpec<?> noted(Map.Entry<String, ChildSpec<?>> entry) {
        return noted(entry.getKey(), entry.getValue());
    }

    private <G> ChildSpec<G> noted(String bean, ChildSpec<G> spec) {
        return new ChildSpec<>(
                spec.id(),
                () -> noted(bean, spec.start().get()),
                spec.restart(),
                spec.shutdown(),
                spec.type(),
                spec.significant(),
                spec.backOff());
    }

    private <G> Start<? extends G> noted(String bean, Start<? extends G> start) {
        if (start instanceof Start.Ok(Pid pid)) {
            processes.put(bean, pid);
        } else if (start instanceof Start.Failed(ExitReason.AlreadyStarted(Pid holder))) {
            holders.put(bean, describe(holder));
        }
        return start;
    }

    private String describe(Pid holder) {
        Optional<ProcessInfo> info = Processes.info(holder);
        String name = info.flatMap(ProcessInfo::registeredName).map(n -> "'" + n + "' ").orElse("");
        String code = info.map(i -> " runs " + i.initialCall()).orElse(" has ended");
        String child =
                processes.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(holder))
                        .map(entry -> " as the child of the bean " + describe(entry.getKey()))
                        .findAny()
                        .orElse("");
        return "The name " + name + "belongs to " + holder + ", which" + code + child + ".";
    }

    /// Returns who has the name that the child of a bean wanted.
    String holder(String bean) {
        return holders.getOrDefault(bean, "");
    }

    /// Returns how many children have a live process.
    long running() {
        return processes.values().stream().filter(this::isAlive).count();
    }

    /// Tells whether a child is alive. One on another node of a cluster is, until its supervisor
    /// has started another one.
    private boolean isAlive(Pid pid) {
        return !pid.node().equals(node.name()) || Processes.isAlive(pid);
    }

    /// Forgets the processes, because the tree has stopped.
    void clear() {
        processes.clear();
        holders.clear();
    }

    // ViaRegistry

    /// Returns false, because only the supervisor starts the children.
    @Override
    public boolean registerName(Object key, Pid pid) {
        return false;
    }

    /// Does nothing, because the end of a child frees its key.
    @Override
    public void unregisterName(Object key) {}

    @Override
    public Optional<Pid> whereisName(Object key) {
        Pid pid = processes.get((String) key);
        if (pid == null) {
            throw new NotStartedException((String) key);
        }
        return Optional.of(pid).filter(this::isAlive);
    }

    /// Returns the name of the node, for messages.
    @Override
    public String toString() {
        return node.name();
    }
}
