package demo;
import java.util.List;
final class Soak { static boolean run(List<String> a) { return false; } }
