package io.balsa.deploy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** YAML, and JSON within it, in which a key that is unknown or given twice is an error. */
final class StrictYaml {
  /** For our records, whose components are called as the keys, in snake case. */
  private static final ObjectMapper RECORDS =
      strict().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  /** For models that others made, whose classes would take any key into a map. */
  private static final ObjectMapper MODELS =
      strict()
          .annotationIntrospector(
              new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false;
                }
              })
          .build();

  private StrictYaml() {}

  private static JsonMapper.Builder strict() {
    return JsonMapper.builder()
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS);
  }

  /** The documents in a text, as maps, lists and scalars. */
  static List<Object> documents(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    List<Object> documents = new ArrayList<>();
    new Yaml(new SafeConstructor(options)).loadAll(text).forEach(documents::add);
    return documents;
  }

  /** The only document in a text. */
  static <T> T record(String text, Class<T> type) {
    List<Object> documents = documents(text);
    if (documents.size() != 1) {
      throw new AssertionError("expected one document, found " + documents.size());
    }
    return RECORDS.convertValue(documents.get(0), type);
  }

  /** A document as a class that is not ours. */
  static <T> T model(Object document, Class<T> type) {
    return MODELS.convertValue(document, type);
  }
}
