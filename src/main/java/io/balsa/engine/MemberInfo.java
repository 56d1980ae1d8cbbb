package io.balsa.engine;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.MalformedException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the log knows of a member beside its vote.
 *
 * @param clientUrls empty until the member has published them
 */
public record MemberInfo(long id, String name, List<String> peerUrls, List<String> clientUrls) {
  public MemberInfo {
    peerUrls = List.copyOf(peerUrls);
    clientUrls = List.copyOf(clientUrls);
  }

  void encode(ByteWriter writer) {
    writer.fixed64(id).text(name);
    encodeTexts(writer, peerUrls);
    encodeTexts(writer, clientUrls);
  }

  static MemberInfo decode(ByteReader reader) throws MalformedException {
    return new MemberInfo(
        reader.fixed64(), reader.text(), decodeTexts(reader), decodeTexts(reader));
  }

  private static void encodeTexts(ByteWriter writer, List<String> texts) {
    writer.varint(texts.size());
    texts.forEach(writer::text);
  }

  private static List<String> decodeTexts(ByteReader reader) throws MalformedException {
    int count = reader.count(1);
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(reader.text());
    }
    return texts;
  }
}
