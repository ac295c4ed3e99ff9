package io.genserver.cluster.jgroups;

import org.jgroups.logging.CustomLogFactory;
import org.jgroups.logging.Log;
import org.jgroups.logging.LogFactory;
import org.jgroups.logging.Slf4jLogImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What JGroups says, one level lower: it goes to slf4j, and what JGroups calls information is for
/// debugging only.
final class JGroupsLog extends Slf4jLogImpl {

    private JGroupsLog(Logger logger) {
        super(java.util.Locale.ROOT, logger);
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
