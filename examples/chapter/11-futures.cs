#:project ../../src/Samovar/Samovar.csproj
#:project servers/Servers.csproj
#:property PublishAot=false

// Downloads files from a server, five at a time, and reports each when it is complete. Arguments are other addresses.

using Samovar;
using Samovar.Chapter.Servers;

using var server = new PdfServer();
using var client = new HttpClient();
var folder = Directory.CreateTempSubdirectory("samovar-futures-");
string[] names = ["f1040es.pdf", "f1040.pdf", "f1040ez.pdf", "f1040a.pdf", "f1040sb.pdf", "instructions"];
string[] urls = args.Length > 0 ? args : [.. names.Select(name => new Uri(server.Address, name).ToString())];

await using var executor = new ThreadExecutor(new() { Workers = 5 });

Console.WriteLine("As they complete:");
var futures = urls.Select(url => executor.Submit(() => DownloadAsync(url), new() { Name = url })).ToList();
await foreach (var future in Futures.AsCompleted(futures))
    Console.WriteLine($"    {(future.Exception is { } error ? $"{future.Name}: {error.Message}" : await future)}");

Console.WriteLine("Asked one after the other, those that run go to the back again:");
var running = new Queue<Future<string>>(urls.Select(url => executor.Submit(() => DownloadAsync(url), new() { Name = url })));
for (int looks = 1; running.TryDequeue(out var future); looks++)
{
    if (!future.Wait(TimeSpan.FromMilliseconds(10))) running.Enqueue(future);
    else Console.WriteLine($"    at look {looks}: {(future.Exception is { } error ? error.Message : await future)}");
}

folder.Delete(recursive: true);

async Task<string> DownloadAsync(string url)
{
    string name = Path.GetFileName(new Uri(url).AbsolutePath);
    if (!Path.HasExtension(name)) throw new InvalidOperationException($"The URL {url} does not contain an extension.");
    await using var source = await client.GetStreamAsync(url);
    await using var file = File.Create(Path.Combine(folder.FullName, name));
    await source.CopyToAsync(file, 1024);
    return $"finished downloading {name}, {file.Length:N0} bytes";
}
