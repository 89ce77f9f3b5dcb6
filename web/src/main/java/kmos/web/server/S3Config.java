// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import java.net.URI;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an {@link S3Store} is. endpoint: of the service, the bucket is the first part of the path; prefix: of all keys, empty or with a slash at its end;
 * sessionToken: null for lasting keys.
 */
record S3Config(URI endpoint, String region, String bucket, String prefix, String accessKey, String secretKey, String sessionToken) {
    static final String SCHEME = "s3://";
    // S3 "Bucket naming rules"; prefixes that need no encoding.
    private static final Pattern PLACE = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9/_.-]*))?");

    /**
     * place: s3://BUCKET/PREFIX. The rest comes from the variables that AWS's own tools read: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
     * AWS_SESSION_TOKEN, AWS_REGION (us-east-1), AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL (Amazon's for that region). IllegalArgumentException says what is wrong.
     */
    static S3Config of(String place, Map<String, String> environment) {
        Matcher parts = PLACE.matcher(place);
        if (!parts.matches()) {
            throw new IllegalArgumentException(place + " is no place in S3: s3://BUCKET or s3://BUCKET/PREFIX is one");
        }
        String region = environment.getOrDefault("AWS_REGION", "us-east-1");
        String url = environment.getOrDefault("AWS_ENDPOINT_URL_S3", environment.getOrDefault("AWS_ENDPOINT_URL", "https://s3." + region + ".amazonaws.com"));
        URI endpoint;
        try {
            endpoint = URI.create(url);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("the S3 endpoint " + url + " is no URL");
        }
        if (endpoint.getHost() == null || !"https".equals(endpoint.getScheme()) && !"http".equals(endpoint.getScheme())) {
            throw new IllegalArgumentException("the S3 endpoint " + url + " is no http or https URL");
        }
        String prefix = parts.group(2) == null ? "" : parts.group(2).replaceAll("/+$", "");
        return new S3Config(endpoint, region, parts.group(1), prefix.isEmpty() ? "" : prefix + "/", need(environment, "AWS_ACCESS_KEY_ID"),
            need(environment, "AWS_SECRET_ACCESS_KEY"), environment.get("AWS_SESSION_TOKEN"));
    }

    private static String need(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("for a store in S3 the variable " + name + " must be set");
        }
        return value;
    }

    /** Without the keys: for messages. */
    @Override
    public String toString() {
        return SCHEME + bucket + "/" + prefix + " at " + endpoint;
    }
}
