using Samovar.Chapter.Servers;

namespace Samovar.Cli.Tour.Lessons;

/// <summary>Files by five workers, each told of when it is there.</summary>
internal sealed class Downloads : Lesson
{
    private static readonly string[] s_names = ["f1040es.pdf", "f1040.pdf", "f1040ez.pdf", "f1040a.pdf", "f1040sb.pdf", "instructions"];

    public override int Number => 11;

    public override string Title => "Futures";

    public override string Work => "five files are fetched from a server; a sixth address is no file's.";

    public override async Task TeachAsync(Classroom room)
    {
        using var server = new PdfServer();
        using var client = new HttpClient();
        string[] urls = [.. s_names.Select(name => new Uri(server.Address, name).ToString())];
        await LengthAsync(client, urls[0]); // code is compiled

        await RunAsync(room, "one after another", 1, client, urls);
        await RunAsync(room, "five workers, as they complete", 5, client, urls);
        await using var pool = new ThreadExecutor(new() { Workers = 5 });
        await room.TimeAsync("five workers, asked in turn", async () =>
        {
            var running = new Queue<Future<long>>(urls.Select(url => Submit(pool, client, url)));
            var done = new List<Future<long>>();
            while (running.TryDequeue(out var future))
            {
                if (future.Wait(TimeSpan.FromMilliseconds(5), room.Cancellation)) done.Add(future);
                else running.Enqueue(future); // to the back again
            }

            return await Task.FromResult(done);
        }, Show);
    }

    private static Task<List<Future<long>>> RunAsync(Classroom room, string way, int workers, HttpClient client, string[] urls) => room.TimeAsync(way, async () =>
    {
        await using var pool = new ThreadExecutor(new() { Workers = workers });
        var done = new List<Future<long>>();
        await foreach (var future in Futures.AsCompleted(urls.Select(url => Submit(pool, client, url))))
        {
            done.Add(future);
            room.Say(future.Exception?.Message ?? $"{future.Name} is here");
        }

        return done;
    }, Show);

    private static Future<long> Submit(ThreadExecutor pool, HttpClient client, string url) =>
        pool.Submit(() => LengthAsync(client, url), new() { Name = Path.GetFileName(url) });

    private static async Task<long> LengthAsync(HttpClient client, string url) => Path.HasExtension(new Uri(url).AbsolutePath)
        ? (await client.GetByteArrayAsync(url)).LongLength
        : throw new InvalidOperationException($"The URL {url} does not contain an extension.");

    private static string Show(List<Future<long>> done) =>
        $"{done.Sum(static f => f.State == FutureState.Succeeded ? f.Result : 0):N0} bytes, {done.Count(static f => f.State == FutureState.Failed)} error";
}
