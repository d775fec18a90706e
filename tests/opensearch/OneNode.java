import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * One node of a cluster, in a process of its own, so that it can be killed: {@code java OneNode.java HOME
 * SETTING=VALUE…}. It ends with its standard input: nothing is left running when a test run is killed.
 */
public final class OneNode extends Node {
    private OneNode(Environment environment) {
        super(environment,
              List.of(Netty4Plugin.class, CommonAnalysisPlugin.class, PainlessPlugin.class),
              false);
    }

    public static void main(String[] args) throws Exception {
        Settings.Builder settings = Settings.builder().put("path.home", args[0]);
        for (int i = 1; i < args.length; i++) {
            String[] parts = args[i].split("=", 2);
            settings.put(parts[0], parts[1]);
        }
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), Path.of(args[0], "config"), () -> "node");
        LogConfigurator.configureWithoutConfig(environment.settings());
        OneNode node = new OneNode(environment);
        node.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception e) {
                e.printStackTrace();
            }
        }));
        while (System.in.read() >= 0) {
            // Whoever started us is alive.
        }
        System.exit(0);
    }
}
