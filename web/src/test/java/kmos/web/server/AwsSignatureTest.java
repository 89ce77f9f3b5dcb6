// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The examples of the Amazon S3 API reference, "Authenticating Requests: Using the Authorization Header". */
class AwsSignatureTest {
    private static final AwsSignature EXAMPLE = new AwsSignature("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1");
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static String signature(String method, String path, String query, Map<String, String> headers) {
        TreeMap<String, String> all = new TreeMap<>(headers);
        all.put("host", "examplebucket.s3.amazonaws.com");
        all.put("x-amz-date", "20130524T000000Z");
        String whole = EXAMPLE.authorization(method, path, query, all);
        return whole.substring(whole.indexOf("Signature=") + 10);
    }

    @Test
    void getObject() {
        assertEquals("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            signature("GET", "/test.txt", "", Map.of("range", "bytes=0-9", "x-amz-content-sha256", EMPTY)));
    }

    @Test
    void putObject() {
        assertEquals("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            signature("PUT", "/test%24file.text", "", Map.of("date", "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class", "REDUCED_REDUNDANCY",
                "x-amz-content-sha256", AwsSignature.hash("Welcome to Amazon S3.".getBytes(StandardCharsets.UTF_8)))));
    }

    @Test
    void listObjects() {
        assertEquals("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            signature("GET", "/", AwsSignature.query(Map.of("prefix", "J", "max-keys", "2")), Map.of("x-amz-content-sha256", EMPTY)));
    }

    @Test
    void encoding_leavesUnreservedCharactersOnly() {
        assertEquals("a-b_c.d~%20%2A%2B%2F%C3%A4", AwsSignature.encode("a-b_c.d~ *+/ä"));
    }
}
