// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AWS Signature Version 4 of a request to S3, as its "Authenticating Requests: Using the Authorization Header" tells: what is signed is the method,
 * the path, the query, some headers and the hash of the body.
 */
record AwsSignature(String accessKey, String secretKey, String region) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String ALGORITHM = "AWS4-HMAC-SHA256", SERVICE = "s3";

    /** As the header x-amz-date has it. */
    static String time(Instant at) {
        return TIME.format(at);
    }

    /** SHA-256 as the header x-amz-content-sha256 has it. */
    static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** RFC 3986 percent-encoding of all but unreserved characters. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /** Names and values, encoded and sorted: as they are signed, and may be sent. */
    static String query(Map<String, String> parameters) {
        StringBuilder out = new StringBuilder();
        new TreeMap<>(parameters).forEach((name, value) -> out.append(out.isEmpty() ? "" : "&").append(encode(name)).append('=').append(encode(value)));
        return out.toString();
    }

    /**
     * The value of the header Authorization. path and query are encoded; headers: by lower-case name, all are signed, host, x-amz-date and
     * x-amz-content-sha256 among them.
     */
    String authorization(String method, String path, String query, TreeMap<String, String> headers) {
        String time = headers.get("x-amz-date");
        StringBuilder canonical = new StringBuilder(method).append('\n').append(path).append('\n').append(query).append('\n');
        headers.forEach((name, value) -> canonical.append(name).append(':').append(value.strip()).append('\n'));
        String signed = String.join(";", headers.keySet());
        canonical.append('\n').append(signed).append('\n').append(headers.get("x-amz-content-sha256"));
        String scope = time.substring(0, 8) + "/" + region + "/" + SERVICE + "/aws4_request";
        String toSign = ALGORITHM + "\n" + time + "\n" + scope + "\n" + hash(canonical.toString().getBytes(StandardCharsets.UTF_8));
        byte[] key = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/")) {
            key = hmac(key, part);
        }
        return ALGORITHM + " Credential=" + accessKey + "/" + scope + ",SignedHeaders=" + signed + ",Signature=" + HexFormat.of().formatHex(hmac(key, toSign));
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
