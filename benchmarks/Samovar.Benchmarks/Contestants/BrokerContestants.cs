using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Samovar.Tests.Brokers;

namespace Samovar.Benchmarks.Contestants;

/// <summary>What a cluster is compared with on the same kind of broker: RabbitMQ.Client itself, and Celery.</summary>
internal static class BrokerContestants
{
    private const string Queue = "raw";

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P18.single RabbitMQ.Client, a message each", static request => MessagesAsync(request)),
        new("P18.trip RabbitMQ.Client, there and back", static request => TripsAsync(request)),
        new("P18 Celery", static request => CeleryAsync(request, "rate", 2_000)),
        new("P18.trip Celery", static request => CeleryAsync(request, "trip", 200)),
    ];

    /// <summary>Publishes messages to a quorum queue, as many at a time as the cluster does, with confirms; consumes and acknowledges them.</summary>
    private static async IAsyncEnumerable<double> MessagesAsync(Request request)
    {
        await using var broker = await ClusterContestants.StartBrokerAsync();
        await using var connections = await Connections.OpenAsync(broker);
        byte[] body = new byte[200];
        int left = 0;
        var done = new TaskCompletionSource();
        await connections.ConsumeAsync(Queue, async delivery =>
        {
            await connections.Consumer.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            if (Interlocked.Decrement(ref left) == 0) done.SetResult();
        });
        while (true)
        {
            int count = request.Of(5_000, 500);
            Volatile.Write(ref left, count);
            done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var room = new SemaphoreSlim(ClusterContestants.Single);
            yield return await Timing.RateAsync(count, async () =>
            {
                var published = new Task[count];
                for (int i = 0; i < count; i++)
                {
                    await room.WaitAsync();
                    published[i] = PublishAsync(connections, body, room);
                }

                await Task.WhenAll(published);
                await done.Task;
            });
        }
    }

    private static async Task PublishAsync(Connections connections, byte[] body, SemaphoreSlim room)
    {
        await connections.PublishAsync(Queue, body);
        room.Release();
    }

    /// <summary>A durable message to a quorum queue, and its answer through a queue that only the caller has.</summary>
    private static async IAsyncEnumerable<double> TripsAsync(Request request)
    {
        await using var broker = await ClusterContestants.StartBrokerAsync();
        await using var there = await Connections.OpenAsync(broker);
        await using var back = await Connections.OpenAsync(broker);
        string answers = (await back.Consumer.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true)).QueueName;
        byte[] body = new byte[200];
        var answered = new TaskCompletionSource();
        await back.ConsumeAsync(answers, async delivery =>
        {
            await back.Consumer.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            answered.SetResult();
        });
        await there.ConsumeAsync(Queue, async delivery =>
        {
            await there.PublishAsync(answers, body);
            await there.Consumer.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        });
        while (true)
        {
            yield return await Timing.MedianTimeAsync(request.Of(500, 50), async () =>
            {
                answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await back.PublishAsync(Queue, body);
                await answered.Task;
            }, rest: TimeSpan.FromMilliseconds(2));
        }
    }

    /// <summary>Python's Celery: its worker and its client are started by celery_peer.py.</summary>
    private static async IAsyncEnumerable<double> CeleryAsync(Request request, string what, int full)
    {
        await using var broker = await ClusterContestants.StartBrokerAsync();
        using var client = StartPython(Path.Combine(Checkout.Peers, "celery_peer.py"), broker.Uri.Replace("amqp://", "pyamqp://", StringComparison.Ordinal) + "/", what);
        try
        {
            while (true)
            {
                await client.StandardInput.WriteLineAsync(request.Of(full, 50).ToString(CultureInfo.InvariantCulture));
                string line = await client.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("celery_peer.py has exited");
                if (line.StartsWith("missing", StringComparison.Ordinal)) throw new MissingPeerException("celery is not installed (pip install celery)");
                yield return double.Parse(line, CultureInfo.InvariantCulture);
            }
        }
        finally
        {
            client.StandardInput.Close();
            await client.WaitForExitAsync();
        }
    }

    private static Process StartPython(params string[] words)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("python3", words) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (Win32Exception)
        {
            throw new MissingPeerException("python3 is not installed");
        }
    }

    /// <summary>A connection to publish and one to consume, as a member of a cluster has.</summary>
    private sealed class Connections(IConnection publishing, IConnection consuming, IChannel publisher, IChannel consumer) : IAsyncDisposable
    {
        private readonly SemaphoreSlim _turn = new(1);

        public IChannel Consumer => consumer;

        public static async Task<Connections> OpenAsync(RabbitMQServer broker)
        {
            var factory = new ConnectionFactory { Uri = new Uri(broker.Uri), AutomaticRecoveryEnabled = false };
            var publishing = await factory.CreateConnectionAsync();
            var consuming = await factory.CreateConnectionAsync();
            var publisher = await publishing.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
            var consumer = await consuming.CreateChannelAsync();
            await consumer.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum" });
            await consumer.BasicQosAsync(0, 200, global: false);
            return new Connections(publishing, consuming, publisher, consumer);
        }

        public async Task ConsumeAsync(string queue, Func<BasicDeliverEventArgs, Task> received)
        {
            var events = new AsyncEventingBasicConsumer(consumer);
            events.ReceivedAsync += (_, delivery) => received(delivery);
            await consumer.BasicConsumeAsync(queue, autoAck: false, events);
        }

        /// <summary>Publishes a message, and completes when the broker has confirmed it.</summary>
        public async Task PublishAsync(string queue, byte[] body)
        {
            ValueTask confirmed;
            await _turn.WaitAsync(); // one writer at a time; the confirm is awaited outside
            try
            {
                confirmed = publisher.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { Persistent = true }, body);
            }
            finally
            {
                _turn.Release();
            }

            await confirmed;
        }

        public async ValueTask DisposeAsync()
        {
            await publishing.DisposeAsync();
            await consuming.DisposeAsync();
            _turn.Dispose();
        }
    }
}
