package io.balsa.config;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Settings from a YAML file: one mapping of keys to scalars, or to lists of scalars, which are the
 * same as their items with commas between.
 */
final class YamlFile {
  private static final int FILE_BYTES_MAX = 1 << 20;

  private final Setting file;
  private final Map<Flag, Setting> settings = new EnumMap<>(Flag.class);

  private YamlFile(Setting file) {
    this.file = file;
  }

  /** Reads the file that {@code file} names. */
  static Map<Flag, Setting> read(Setting file) throws BadSettingException {
    YamlFile yaml = new YamlFile(file);
    yaml.take(yaml.compose(yaml.text()));
    return yaml.settings;
  }

  private String text() throws BadSettingException {
    try {
      Path path = Path.of(file.value());
      if (!Files.isRegularFile(path)) {
        throw file.refused("must be a file that can be read");
      }
      if (Files.size(path) > FILE_BYTES_MAX) {
        throw file.refused("must be no larger than " + FILE_BYTES_MAX + " bytes");
      }
      return Files.readString(path);
    } catch (CharacterCodingException e) {
      throw file.refused("must be a YAML file in UTF-8");
    } catch (IOException | IllegalArgumentException e) {
      throw file.refused("must be a file that can be read");
    }
  }

  /**
   * The nodes, not the values made of them: a number in YAML may be octal, a word a boolean, and
   * the operator should be shown what the file says.
   */
  private Node compose(String text) throws BadSettingException {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    try (Reader reader = new StringReader(text)) {
      return yaml.compose(reader);
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      throw file.refused(
          "must be YAML, which line " + line + " is not: " + oneLine(e.getProblem()));
    } catch (YAMLException | IOException e) {
      throw file.refused("must be YAML: " + oneLine(e.getMessage()));
    } catch (IllegalArgumentException e) { // SnakeYAML 2.4, where digits are missing.
      throw file.refused("must be YAML: an escape in it (\\x, \\u, \\U) names no character");
    }
  }

  private void take(Node root) throws BadSettingException {
    if (root == null) {
      return; // An empty file.
    }
    if (!(root instanceof MappingNode mapping)) {
      throw file.refused("must be a mapping of keys to values");
    }
    for (NodeTuple tuple : mapping.getValue()) {
      Flag flag = flag(tuple.getKeyNode());
      String origin = at(tuple.getKeyNode()) + flag.key();
      String value = value(origin, tuple.getValueNode());
      if (settings.put(flag, new Setting(origin, value, true)) != null) {
        throw BadSettingException.of(origin, value, "must be given once");
      }
    }
  }

  private Flag flag(Node node) throws BadSettingException {
    if (!(node instanceof ScalarNode scalar)) {
      throw new BadSettingException(at(node) + "a key must be a word");
    }
    Flag flag = Flag.ofKey(scalar.getValue()).orElse(Flag.CONFIG_FILE);
    if (flag == Flag.CONFIG_FILE) {
      throw new BadSettingException(
          at(node)
              + "unknown key "
              + BadSettingException.quoted(scalar.getValue())
              + Flag.nearest(
                      scalar.getValue(),
                      Arrays.stream(Flag.values())
                          .filter(known -> known != Flag.CONFIG_FILE)
                          .map(Flag::key)
                          .toList())
                  .map(key -> ": did you mean " + key + "?")
                  .orElse(": the keys are the flags of the server without the dashes"));
    }
    return flag;
  }

  private String value(String origin, Node node) throws BadSettingException {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    if (node instanceof SequenceNode sequence) {
      StringJoiner items = new StringJoiner(",");
      for (Node item : sequence.getValue()) {
        if (!(item instanceof ScalarNode scalar)) {
          throw new BadSettingException(origin + ": must be a list of plain values");
        }
        items.add(scalar.getValue());
        if (items.length() > FILE_BYTES_MAX) { // By aliases, each of which may be long.
          throw new BadSettingException(
              origin + ": must be no longer than " + FILE_BYTES_MAX + " characters");
        }
      }
      return items.toString();
    }
    throw new BadSettingException(origin + ": must be a value or a list of values, not a mapping");
  }

  private String at(Node node) {
    return file.value() + ":" + (node.getStartMark().getLine() + 1) + ": ";
  }

  private static String oneLine(String text) {
    return String.valueOf(text).replaceAll("\\s+", " ");
  }
}
