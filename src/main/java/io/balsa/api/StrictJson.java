package io.balsa.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.balsa.data.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one JSON document into maps, lists, strings, numbers and booleans. Refuses, with its place,
 * what lenient readers let pass: a field that stands twice, text behind the document.
 */
final class StrictJson {
  private static final int DEPTH_MAX = 200; // A transaction at its deepest takes four for each one.
  private static final int NUMBER_CHARS_MAX = 100;

  /**
   * The most values in a document whose reader does not need more. In memory the smallest takes
   * seventy times the bytes that it takes in a body.
   */
  static final int VALUES_MAX = 50_000;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNumberLength(NUMBER_CHARS_MAX)
                  .maxStringLength(Integer.MAX_VALUE) // The body is bounded already.
                  .maxNameLength(Keys.BYTES_MAX)
                  .build())
          .build();

  private final JsonParser parser;
  private final int valuesMax;
  private int values;

  private StrictJson(JsonParser parser, int valuesMax) {
    this.parser = parser;
    this.valuesMax = valuesMax;
  }

  /** The value that {@code body} holds, with at most {@code valuesMax} values in it. */
  static Object parse(Bytes body, int valuesMax) {
    ByteBuffer bytes = body.unsafeBuffer();
    try (JsonParser parser =
        FACTORY.createParser(bytes.array(), bytes.position(), bytes.remaining())) {
      return new StrictJson(parser, valuesMax).document();
    } catch (IOException e) {
      throw ProblemException.invalid("body: malformed JSON"); // A cut character at its end.
    }
  }

  private Object document() throws IOException {
    try {
      if (parser.nextToken() == null) {
        throw ProblemException.invalid("body: empty, expected a JSON object");
      }
      Object value = value();
      if (parser.nextToken() != null) {
        throw refused("text behind the document", parser.currentTokenLocation());
      }
      return value;
    } catch (StreamConstraintsException e) {
      throw refused("JSON nested too deep, or a number too long,", parser.currentLocation());
    } catch (JsonProcessingException e) {
      throw refused("malformed JSON", e.getLocation());
    }
  }

  private Object value() throws IOException {
    if (++values > valuesMax) {
      throw refused(
          "more than " + valuesMax + " JSON values, the last one", parser.currentTokenLocation());
    }
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case VALUE_NULL -> null;
      default -> throw refused("unexpected text", parser.currentTokenLocation());
    };
  }

  private Map<String, Object> object() throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (fields.containsKey(name)) {
        throw refused(
            "field " + Problem.quote(name) + " stands twice", parser.currentTokenLocation());
      }
      parser.nextToken();
      fields.put(name, value());
    }
    return fields;
  }

  private List<Object> array() throws IOException {
    List<Object> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value());
    }
    return elements;
  }

  private static ProblemException refused(String what, JsonLocation place) {
    return ProblemException.invalid(
        "body: " + what + " at line " + place.getLineNr() + " column " + place.getColumnNr());
  }
}
