package io.genserver.spring;

import io.genserver.Node;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;

/// Has the thread of a request act on the node of the context.
final class NodeFilter implements Filter {

    private final Node node;

    NodeFilter(Node node) {
        this.node = node;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        ScopedValue.CallableOp<Boolean, Exception> rest =
                () -> {
                    chain.doFilter(request, response);
                    return true;
                };
        try {
            boolean _ = node.call(rest);
        } catch (IOException | ServletException | RuntimeException thrown) {
            throw thrown;
        } catch (Exception other) { // the chain declares no other
            throw new ServletException(other);
        }
    }
}
