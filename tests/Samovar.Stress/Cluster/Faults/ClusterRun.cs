using System.Globalization;
using Samovar.Tests.Brokers;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>A broker, nodes and a client for one run, and the checks at its end.</summary>
internal sealed class ClusterRun : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-stress-");
    private readonly List<ChildProcess> _nodes = [];
    private readonly string _uri;

    /// <param name="brokers">The broker, or those of a cluster of brokers.</param>
    public ClusterRun(params IEnumerable<RabbitMQServer> brokers) => _uri = string.Join(',', brokers.Select(static broker => broker.Uri));

    public string Cluster { get; } = $"stress-{Guid.NewGuid():N}";

    public List<string> Problems { get; } = [];

    /// <summary>Prints why there is no run, if a broker cannot be started here.</summary>
    public static bool IsPossible()
    {
        if (RabbitMQServer.IsInstalled) return true;
        Console.WriteLine("rabbitmq-server is not installed (build/system-needs.txt).");
        return false;
    }

    /// <summary>Prints a line with the time.</summary>
    public static double Say(string text)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {TimeProvider.System.GetLocalNow():HH:mm:ss}  {text}"));
        return LoadClient.Now();
    }

    public ChildProcess StartNode(string name, int workers, double holdSeconds = 0)
    {
        (string uri, string cluster) = (_uri, Cluster);
        var node = ChildProcess.Start(token => LoadClient.RunNodeAsync(uri, cluster, name, workers, holdSeconds, token));
        _nodes.Add(node);
        return node;
    }

    public ChildProcess<LoadReport> StartClient(int tasks, int perSecond, TimeSpan length, TimeSpan limit)
    {
        var settings = new LoadSettings(_uri, Cluster, _folder.FullName, tasks, perSecond, length, limit);
        return ChildProcess.Start(() => LoadClient.RunAsync(settings));
    }

    /// <summary>Checks that everything adds up: each future completed once, and no task started more often than it may.</summary>
    public async Task CheckAsync(LoadReport report)
    {
        int left = report.Outcomes.Length - report.Of(FutureState.Succeeded) - report.Of(FutureState.Failed) - report.Of(FutureState.Canceled);
        if (left != 0) Problems.Add($"{left:N0} tasks are not complete, such as task {Array.FindIndex(report.Outcomes, static state => state < FutureState.Succeeded)}");
        if (report.HasNotStopped) Problems.Add("the executor did not stop within 30 seconds");
        if (report.Completions.Max() > 1) Problems.Add($"task {Array.FindIndex(report.Completions, static count => count > 1)} completed twice");
        var starts = await ReadStartsAsync().ConfigureAwait(false);
        foreach (var task in starts)
        {
            int most = LoadSettings.Retries(task.Key) ? LoadClient.Attempts : 1;
            if (task.Count() > most) Problems.Add($"task {task.Key} started {task.Count()} times");
            if (task.Distinct().Count() < task.Count()) Problems.Add($"task {task.Key} started the same attempt twice: {string.Join(", ", task)}");
        }

        for (int i = 0; i < report.Outcomes.Length; i++)
        {
            if (report.Outcomes[i] == FutureState.Succeeded && !starts.Contains(i)) Problems.Add($"task {i} succeeded, but never started");
        }

        await CheckQueuesAsync().ConfigureAwait(false);
    }

    /// <summary>Prints the problems; returns the exit code.</summary>
    public int Finish(string result)
    {
        Console.WriteLine(result);
        foreach (string problem in Problems.Take(20)) Console.WriteLine($"  {problem}");
        return Problems.Count == 0 ? 0 : 1;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            node.Kill();
            await node.DisposeAsync().ConfigureAwait(false);
        }

        _folder.Delete(recursive: true);
    }

    private async Task<ILookup<int, int>> ReadStartsAsync()
    {
        List<(int Task, int Attempt)> starts = [];
        foreach (string file in Directory.GetFiles(_folder.FullName, "starts-*"))
        {
            foreach (string line in await File.ReadAllLinesAsync(file).ConfigureAwait(false))
            {
                string[] words = line.Split(' ');
                starts.Add((int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture)));
            }
        }

        return starts.ToLookup(static start => start.Task, static start => start.Attempt);
    }

    private async Task CheckQueuesAsync()
    {
        var observer = await new RabbitMQTransport(_uri).ConnectAsync(new ClusterMember(Cluster, "observer"), new Observer()).ConfigureAwait(false);
        await using (observer.ConfigureAwait(false))
        {
            var depth = new ClusterQueueDepth(0, 0, 0, 0);
            for (int i = 0; i < 100; i++)
            {
                depth = await observer.GetQueueDepthAsync().ConfigureAwait(false);
                if (depth.Waiting + depth.Dead == 0) return;
                await Task.Delay(TimeSpan.FromMilliseconds(200)).ConfigureAwait(false);
            }

            Problems.Add($"messages are left: {depth}");
        }
    }

    private sealed class Observer : ClusterReceiver
    {
        public override void OnDelivery(ClusterDelivery delivery) => delivery.Return();

        public override void OnReply(ReadOnlyMemory<byte> message)
        {
            // It only reads the length of queues.
        }

        public override void OnBroadcast(ReadOnlyMemory<byte> message)
        {
            // It only reads the length of queues.
        }

        public override void OnStateChanged(ClusterConnectionState state, Exception? cause)
        {
            // It only reads the length of queues.
        }
    }
}
