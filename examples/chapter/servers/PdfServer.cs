using System.Globalization;
using System.Net;
using System.Text;

namespace Samovar.Chapter.Servers;

/// <summary>Serves small PDF files, each with a delay of its own: <c>GET /f1040.pdf</c>. Any path without <c>.pdf</c> at the end returns plain
/// text.</summary>
public sealed class PdfServer : LocalServer
{
    private const int Pieces = 16;
    private const int Pages = 40;

    private readonly TimeSpan _pause;

    /// <param name="pause">The maximum delay of a file; null for 320 ms.</param>
    public PdfServer(TimeSpan? pause = null) => _pause = (pause ?? TimeSpan.FromMilliseconds(320)) / Pieces;

    /// <inheritdoc/>
    protected override async Task AnswerAsync(HttpListenerRequest request, HttpListenerResponse response)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(response);
        string path = request.Url!.AbsolutePath;
        bool isPdf = path.EndsWith(".pdf", StringComparison.OrdinalIgnoreCase);
        byte[] body = isPdf ? Pdf(Path.GetFileNameWithoutExtension(path)) : Encoding.UTF8.GetBytes("forms of the year\n");
        response.ContentType = isPdf ? "application/pdf" : "text/plain; charset=utf-8";
        response.ContentLength64 = body.Length;

        // Longer names are slower, so that the files do not complete in the order in which they were requested.
        var pause = _pause * Math.Clamp(12 - path.Length, 1, 8) / 8;
        foreach (byte[] piece in body.Chunk((body.Length + Pieces - 1) / Pieces))
        {
            await Task.Delay(pause).ConfigureAwait(false);
            await response.OutputStream.WriteAsync(piece).ConfigureAwait(false);
        }
    }

    // The smallest file that PDF readers open: a catalog, a tree with one page, and its content stream (ISO 32000-1, 7.5).
    private static byte[] Pdf(string title)
    {
        string text = string.Concat(Enumerable.Range(1, Pages).Select(line => $"BT /F1 12 Tf 72 {780 - (line * 16)} Td ({title}, line {line}) Tj ET\n"));
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            $"<< /Length {text.Length} >>\nstream\n{text}endstream",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ];
        var pdf = new StringBuilder("%PDF-1.4\n");
        var places = new List<int>();
        for (int i = 0; i < objects.Length; i++)
        {
            places.Add(pdf.Length);
            pdf.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }

        int table = pdf.Length;
        pdf.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        foreach (int place in places) pdf.Append(CultureInfo.InvariantCulture, $"{place:0000000000} 00000 n \n");
        pdf.Append(CultureInfo.InvariantCulture, $"trailer << /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
        return Encoding.ASCII.GetBytes(pdf.ToString());
    }
}
