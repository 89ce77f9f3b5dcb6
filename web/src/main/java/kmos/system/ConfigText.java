// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Hash64;
import kmos.cpu.CpuModel;
import kmos.kernel.KernelConfig;

/**
 * What of a configuration the guest can see, as text: lines "name value", a line for each element of a list. Two machines
 * with the same text, disk and events run alike.
 */
public final class ConfigText {
    private ConfigText() { }

    /** The lines, sorted as here. */
    public static String of(SystemConfig config) {
        KernelConfig k = config.kernel;
        StringBuilder out = new StringBuilder();
        line(out, "memoryMegabytes", config.memoryMegabytes);
        line(out, "cpu", config.cpuModel.name());
        line(out, "font", config.font == null ? "none" : Long.toHexString(Hash64.of(config.font)));
        line(out, "showsKernelLog", config.showsKernelLog);
        lines(out, "init", k.init);
        line(out, "isInitGiven", k.isInitGiven);
        line(out, "isCommand", k.isCommand);
        line(out, "isHosted", k.isHosted);
        line(out, "isConsoleControlling", k.isConsoleControlling);
        line(out, "isRootReadOnly", k.isRootReadOnly);
        lines(out, "environment", k.environment);
        line(out, "console", k.console);
        line(out, "commandLine", k.commandLine);
        line(out, "hostName", k.hostName);
        line(out, "rootDevice", k.rootDevice == null ? "" : k.rootDevice);
        line(out, "rootContent", k.rootContent != null);
        line(out, "isAddressRandomized", k.isAddressRandomized);
        line(out, "missEveryPageOnce", k.missEveryPageOnce);
        line(out, "spuriousWakeUps", k.spuriousWakeUps);
        line(out, "forgetsCaches", k.forgetsCaches);
        line(out, "seed", k.seed);
        line(out, "startEpochSeconds", k.startEpochSeconds);
        line(out, "firstUsableFrame", k.firstUsableFrame);
        return out.toString();
    }

    /** The configuration that a text describes; font and rootContent are the caller's to add. IllegalArgumentException names what is unknown. */
    public static SystemConfig parse(String text) {
        SystemConfig config = new SystemConfig();
        List<String> init = new ArrayList<>();
        List<String> environment = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int end = text.indexOf('\n', at);
            int space = text.indexOf(' ', at);
            if (end < 0 || space < 0 || space > end) {
                throw new IllegalArgumentException("a line of the configuration has no value");
            }
            String name = text.substring(at, space);
            String value = unescape(text.substring(space + 1, end));
            at = end + 1;
            switch (name) {
                case "init" -> init.add(value);
                case "environment" -> environment.add(value);
                default -> set(config, name, value);
            }
        }
        config.kernel.init = init.toArray(new String[0]);
        config.kernel.environment = environment.toArray(new String[0]);
        return config;
    }

    private static void set(SystemConfig config, String name, String value) {
        KernelConfig k = config.kernel;
        boolean isTrue = value.equals("true");
        switch (name) {
            case "memoryMegabytes" -> config.memoryMegabytes = Integer.parseInt(value);
            case "cpu" -> {
                config.cpuModel = CpuModel.of(value);
                if (config.cpuModel == null) {
                    throw new IllegalArgumentException("an unknown processor " + value);
                }
            }
            case "font", "rootContent" -> { }
            case "showsKernelLog" -> config.showsKernelLog = isTrue;
            case "isInitGiven" -> k.isInitGiven = isTrue;
            case "isCommand" -> k.isCommand = isTrue;
            case "isHosted" -> k.isHosted = isTrue;
            case "isConsoleControlling" -> k.isConsoleControlling = isTrue;
            case "isRootReadOnly" -> k.isRootReadOnly = isTrue;
            case "console" -> k.console = value;
            case "commandLine" -> k.commandLine = value;
            case "hostName" -> k.hostName = value;
            case "rootDevice" -> k.rootDevice = value.isEmpty() ? null : value;
            case "isAddressRandomized" -> k.isAddressRandomized = isTrue;
            case "missEveryPageOnce" -> k.missEveryPageOnce = isTrue;
            case "spuriousWakeUps" -> k.spuriousWakeUps = isTrue;
            case "forgetsCaches" -> k.forgetsCaches = isTrue;
            case "seed" -> k.seed = Long.parseLong(value);
            case "startEpochSeconds" -> k.startEpochSeconds = Long.parseLong(value);
            case "firstUsableFrame" -> k.firstUsableFrame = Integer.parseInt(value);
            default -> throw new IllegalArgumentException("the configuration has an unknown setting " + name);
        }
    }

    private static void line(StringBuilder out, String name, Object value) {
        out.append(name).append(' ').append(escape(value.toString())).append('\n');
    }

    private static void lines(StringBuilder out, String name, String[] values) {
        for (String value : values) {
            line(out, name, value);
        }
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n");
    }

    private static String unescape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                i++;
                c = text.charAt(i) == 'n' ? '\n' : text.charAt(i);
            }
            out.append(c);
        }
        return out.toString();
    }

    /** The first setting in which two texts differ, "name a / b", or null. */
    public static String difference(String a, String b) {
        String[] as = a.split("\n"), bs = b.split("\n");
        for (int i = 0; i < Math.max(as.length, bs.length); i++) {
            String left = i < as.length ? as[i] : "nothing", right = i < bs.length ? bs[i] : "nothing";
            if (!left.equals(right)) {
                return left + " / " + right;
            }
        }
        return null;
    }

}
