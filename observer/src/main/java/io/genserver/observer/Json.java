package io.genserver.observer;

import java.lang.reflect.RecordComponent;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Writes JSON: null, booleans, numbers, text, optional values, lists, maps and records. Everything
/// else is written as its text.
///
/// The characters that mean something in HTML are escaped as well, so a value cannot end a script
/// or begin a tag, wherever the JSON ends up.
final class Json {

    private final StringBuilder out = new StringBuilder();

    private Json() {}

    static String of(@Nullable Object value) {
        Json json = new Json();
        json.write(value);
        return json.out.toString();
    }

    private void write(@Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case Boolean flag -> out.append(flag);
            case Double real when !Double.isFinite(real) -> out.append("null");
            case Number number -> out.append(number);
            case Optional<?> optional -> write(optional.orElse(null));
            case Iterable<?> list -> writeAll(list);
            case Map<?, ?> map -> write(map);
            case Record record -> write(record);
            default -> writeText(String.valueOf(value));
        }
    }

    private void writeAll(Iterable<?> list) {
        out.append('[');
        for (Iterator<?> each = list.iterator(); each.hasNext(); ) {
            write(each.next());
            out.append(each.hasNext() ? "," : "");
        }
        out.append(']');
    }

    private void write(Map<?, ?> map) {
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator);
            writeText(String.valueOf(entry.getKey()));
            out.append(':');
            write(entry.getValue());
            separator = ",";
        }
        out.append('}');
    }

    private void write(Record record) {
        out.append('{');
        String separator = "";
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            out.append(separator);
            writeText(component.getName());
            out.append(':');
            write(valueOf(component, record));
            separator = ",";
        }
        out.append('}');
    }

    private static @Nullable Object valueOf(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException impossible) { // the records are of this package
            throw new IllegalStateException(impossible);
        }
    }

    private void writeText(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                default -> {
                    if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\'' || c >= 0x7f) {
                        out.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
