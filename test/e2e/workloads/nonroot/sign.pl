use strict;
use warnings;
use File::Temp;

my $book = "/srv/site/guestbook/names";
if (($ENV{REQUEST_METHOD} // "") eq "POST") {
    my $draft = File::Temp->new;
    print $draft $_ while <STDIN>;
    seek $draft, 0, 0;
    open my $out, ">>", $book or die "$book: $!";
    print $out $_ while <$draft>;
    close $out or die "$book: $!";
}
print "Content-Type: text/plain\r\n\r\n";
if (open my $in, "<", $book) { print while <$in> }
