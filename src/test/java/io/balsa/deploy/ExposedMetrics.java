package io.balsa.deploy;

import io.balsa.deploy.PromQuery.Condition;
import io.balsa.deploy.PromQuery.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The series on a page of metrics, and what Prometheus itself adds to them. */
public final class ExposedMetrics {
  private static final Pattern SERIES =
      Pattern.compile("(?<name>[A-Za-z_:][\\w:]*)(?:\\{(?<labels>.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Set<String> TARGET_LABELS = Set.of("job", "instance");

  /** Labels of which a page need not have every value that may occur. */
  private static final Set<String> OPEN_LABELS = Set.of("job", "instance", "status");

  private final Map<String, List<Map<String, String>>> series = new HashMap<>();

  /** Reads Prometheus's text format. */
  public ExposedMetrics(String page) {
    series.put("up", List.of(Map.of()));
    page.lines().filter(line -> !line.startsWith("#")).forEach(this::add);
  }

  private void add(String line) {
    Matcher matcher = SERIES.matcher(line);
    if (!matcher.matches()) {
      throw new AssertionError("not a sample: " + line);
    }
    Map<String, String> labels = new HashMap<>();
    if (matcher.group("labels") != null) {
      Matcher label = LABEL.matcher(matcher.group("labels"));
      while (label.find()) {
        labels.put(label.group(1), label.group(2));
      }
    }
    series.computeIfAbsent(matcher.group("name"), name -> new ArrayList<>()).add(labels);
  }

  /** What a query refers to and is not there. */
  public List<String> missing(PromQuery query) {
    List<String> missing = new ArrayList<>();
    for (Selector selector : query.selectors()) {
      if (!series.containsKey(selector.metric())) {
        missing.add("metric " + selector.metric() + " in " + query.text());
      } else if (select(selector).isEmpty()) {
        missing.add("series " + selector + " in " + query.text());
      }
    }
    for (String label : query.labels()) {
      if (query.selectors().stream().noneMatch(selector -> hasLabel(selector.metric(), label))) {
        missing.add("label " + label + " in " + query.text());
      }
    }
    return missing;
  }

  /** Whether the series of a metric have this label. */
  public boolean hasLabel(String metric, String label) {
    return TARGET_LABELS.contains(label)
        || series.getOrDefault(metric, List.of()).stream().anyMatch(all -> all.containsKey(label));
  }

  private List<Map<String, String>> select(Selector selector) {
    return series.get(selector.metric()).stream()
        .filter(
            labels ->
                selector.conditions().stream()
                    .allMatch(condition -> accepts(condition, selector.metric(), labels)))
        .toList();
  }

  private boolean accepts(Condition condition, String metric, Map<String, String> labels) {
    String label = condition.label();
    return OPEN_LABELS.contains(label)
        ? hasLabel(metric, label)
        : labels.containsKey(label) && condition.accepts(labels.get(label));
  }
}
