package io.balsa.raft.explore;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Numbers that stand for whole object graphs of the core, all fields read by reflection. Two graphs
 * have the same number if they will behave in the same way, up to the names of members: what
 * belongs to a member's id is renamed, and collections by id count without their order. A field of
 * type long that is not known to be an id or not one is an error, so that a new field of the core
 * cannot be read wrongly.
 */
final class Fingerprint {
  private static final Set<String> IDS =
      Set.of("id", "vote", "leader", "transferee", "self", "from", "to", "member");

  private static final Set<String> NUMBERS =
      Set.of(
          "applied",
          "applying",
          "applyingBytes",
          "applyingBytesMax",
          "bytes",
          "bytesMax",
          "commit",
          "committed",
          "context",
          "index",
          "lastPosition",
          "match",
          "next",
          "offset",
          "offsetInProgress",
          "pendingConfIndex",
          "pendingSnapshot",
          "position",
          "readPosition",
          "restoredIndex",
          "sentCommit",
          "term",
          "uncommittedBytes");

  private static final Map<Class<?>, Field[]> FIELDS = new HashMap<>();

  private final long[] names;
  private final long seed;
  // Objects that change, in the order met: they may refer to each other in circles.
  private final List<Object> met = new ArrayList<>();

  /**
   * Renames by {@code names}.
   *
   * @param seed different seeds give numbers that have nothing to do with each other
   */
  Fingerprint(long[] names, long seed) {
    this.names = names;
    this.seed = seed;
  }

  /** Mixes {@code value} into {@code number}, so that the order of calls matters. */
  static long mix(long number, long value) {
    long x = (number ^ value * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    x ^= x >>> 29;
    x *= 0x94d049bb133111ebL;
    return x ^ x >>> 32;
  }

  /** The renamed id. */
  long name(long id) {
    return id > 0 && id < names.length ? names[(int) id] : id;
  }

  /** The number of a graph. */
  long of(Object object) {
    if (object == null) {
      return seed + 1;
    }
    if (object instanceof Entry entry) {
      return ofEntry(entry);
    }
    if (object instanceof Collection<?> collection) {
      return ofCollection(collection);
    }
    if (object instanceof Map<?, ?> map) {
      long sum = 0;
      for (Map.Entry<?, ?> pair : map.entrySet()) {
        sum += mix(mix(seed, name((Long) pair.getKey())), of(pair.getValue()));
      }
      return sum;
    }
    if (object instanceof Enum<?> constant) {
      return mix(seed, constant.ordinal());
    }
    if (object instanceof Long || object instanceof Integer) {
      return mix(seed, ((Number) object).longValue());
    }
    if (object instanceof Boolean || object instanceof Bytes) {
      return mix(seed, object.hashCode());
    }
    if (object instanceof Optional<?> optional) {
      return of(optional.orElse(null));
    }
    return switch (object.getClass().getSimpleName()) {
      case "ProgressTracker" -> ofTracker(object);
      case "EntryQueue" -> ofEntryQueue(object);
      case "Inflights" -> ofInflights(object);
      default -> ofFields(object);
    };
  }

  private long ofEntry(Entry entry) {
    long number = mix(mix(seed, entry.term()), entry.index());
    if (entry.type() == EntryType.NORMAL) {
      return mix(number, entry.data().hashCode());
    }
    try {
      return mix(number, of(ConfChange.decode(entry.data())));
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private long ofCollection(Collection<?> collection) {
    long ordered = seed;
    long sum = 0;
    for (Object element : collection) {
      if (element instanceof Long id) {
        sum += mix(seed, name(id)); // The core keeps lists of nothing but ids as sets.
      } else {
        ordered = mix(ordered, of(element));
      }
    }
    return mix(ordered, sum);
  }

  private long ofTracker(Object tracker) {
    long[] members = (long[]) get(tracker, "members");
    Object[] progress = (Object[]) get(tracker, "progress");
    long sum = 0;
    for (int i = 0; i < members.length; i++) {
      sum += mix(mix(seed, name(members[i])), of(progress[i]));
    }
    return mix(of(get(tracker, "configuration")), sum);
  }

  // Not where in its array they stand.
  private long ofEntryQueue(Object queue) {
    Object[] array = (Object[]) get(queue, "array");
    long number = seed;
    for (int i = (int) get(queue, "start"); i < (int) get(queue, "end"); i++) {
      number = mix(number, of(array[i]));
    }
    return number;
  }

  private long ofInflights(Object inflights) {
    long[] lastIndexes = (long[]) get(inflights, "lastIndexes");
    long[] sizes = (long[]) get(inflights, "sizes");
    int start = (int) get(inflights, "start");
    int count = (int) get(inflights, "count");
    long number = seed;
    for (int i = 0; i < count; i++) {
      int slot = (start + i) % lastIndexes.length;
      number = mix(mix(number, lastIndexes[slot]), sizes[slot]);
    }
    return number;
  }

  private long ofFields(Object object) {
    Class<?> type = object.getClass();
    long number = mix(seed, type.getName().hashCode());
    if (!type.isRecord()) {
      for (int i = 0; i < met.size(); i++) {
        if (met.get(i) == object) {
          return mix(number, i);
        }
      }
      met.add(object);
    }
    try {
      for (Field field : fields(type)) {
        number = mix(number, ofField(object, field));
      }
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
    return number;
  }

  private long ofField(Object object, Field field) throws IllegalAccessException {
    if (field.getType() == long.class) {
      long value = field.getLong(object);
      if (IDS.contains(field.getName())) {
        return name(value);
      }
      if (NUMBERS.contains(field.getName())) {
        return value;
      }
      throw new AssertionError("say here whether this is a member's id: " + field);
    }
    return field.getType() == int.class ? field.getInt(object) : of(field.get(object));
  }

  private static Field[] fields(Class<?> type) {
    Field[] known = FIELDS.get(type);
    if (known != null) {
      return known;
    }
    List<Field> found = new ArrayList<>();
    for (Class<?> c = type; c != Object.class && c != Record.class; c = c.getSuperclass()) {
      if (!c.getName().startsWith("io.balsa.")) {
        throw new AssertionError("cannot look into " + type + ", held by the core");
      }
      for (Field field : c.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && field.getType() != RaftConfig.class) {
          field.setAccessible(true);
          found.add(field);
        }
      }
    }
    Field[] fields = found.toArray(Field[]::new);
    FIELDS.put(type, fields);
    return fields;
  }

  /** A field's value, for what the core does not show. */
  static Object get(Object object, String field) {
    try {
      return field(object, field).get(object);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  static Field field(Object object, String name) {
    for (Field field : fields(object.getClass())) {
      if (field.getName().equals(name)) {
        return field;
      }
    }
    throw new AssertionError(object.getClass() + " has no field " + name);
  }
}
