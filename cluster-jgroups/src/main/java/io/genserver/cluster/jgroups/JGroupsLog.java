package io.genserver.cluster.jgroups;

import java.util.Locale;
import java.util.Set;
import org.jgroups.logging.CustomLogFactory;
import org.jgroups.logging.Log;
import org.jgroups.logging.LogFactory;
import org.jgroups.logging.Slf4jLogImpl;
import org.jgroups.stack.Configurator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What JGroups says, sent to slf4j. What JGroups calls information is for debugging only, because
/// a node speaks through the engine. The same goes for complaints that a connection has ended,
/// because the engine tells which members are gone.
final class JGroupsLog extends Slf4jLogImpl {

    private static final Set<String> ENDS =
            Set.of(
                    "Stream closed",
                    "Socket closed",
                    "Broken pipe",
                    "Connection reset",
                    "Connection or outbound has closed");

    private final boolean isAboutDefaults;

    private JGroupsLog(Logger logger) {
        super(Locale.ROOT, logger);
        this.isAboutDefaults = logger.getName().equals(Configurator.class.getName());
    }

    /// Has JGroups log here, unless the program has chosen another way for all that JGroups logs.
    static void install() {
        if (LogFactory.getCustomLogFactory() == null) {
            LogFactory.setCustomLogFactory(
                    new CustomLogFactory() {
                        @Override
                        public Log getLog(Class<?> type) {
                            return new JGroupsLog(LoggerFactory.getLogger(type));
                        }

                        @Override
                        public Log getLog(String category) {
                            return new JGroupsLog(LoggerFactory.getLogger(category));
                        }
                    });
        }
    }

    private static boolean isEnd(Object... arguments) {
        return arguments.length > 0
                && ENDS.contains(String.valueOf(arguments[arguments.length - 1]));
    }

    @Override
    public void error(String format, Object... arguments) {
        if (isEnd(arguments)) {
            debug(format, arguments);
        } else {
            super.error(format, arguments);
        }
    }

    @Override
    public void warn(String format, Object... arguments) {
        if (isAboutDefaults || isEnd(arguments)) {
            debug(format, arguments);
        } else {
            super.warn(format, arguments);
        }
    }

    @Override
    public boolean isInfoEnabled() {
        return isDebugEnabled();
    }

    @Override
    public void info(String message) {
        debug(message);
    }

    @Override
    public void info(String format, Object... arguments) {
        debug(format, arguments);
    }
}
